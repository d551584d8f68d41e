"""What one was told in the application: notices that processes send to people and roles."""
