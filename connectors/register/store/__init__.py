"""The register's tables and queries. Areas are hundredths of a square metre, quantities thousandths; both exact integers."""
