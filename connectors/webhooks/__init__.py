"""What every inbound webhook shares: a signature over the time and the body, and a nonce that is good once. Not a connector itself."""
