"""How other libraries do on the same articles and questions. See README.md beside this file."""
