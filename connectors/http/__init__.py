"""Any REST service that an administrator has listed, as a job type."""
