"""The books' own tables, by noun: vouchers with their lines and periods, claims with the receipts that settle them. No rules in here."""
