"""Notices to people: in the application, by mail, SMS and group chat. What would go out and cannot yet is kept where it can be seen."""
