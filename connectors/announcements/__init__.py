"""What connectors tell processes: stored with the rows that it speaks of, published as messages right after. Not a connector itself."""
