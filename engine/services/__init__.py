"""Commands and questions: one public function is one command is one transaction. Holds the rules; meets no SQL and no web."""
