"""The register: what the company looks after (rooms, people, devices), and who can look after it (vendors, technicians).

Units of the organisation belong to the engine; everything here hangs on their keys.
"""
