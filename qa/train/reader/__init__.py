"""Trains the cross-encoding reader: corpus -> groups of a question and its passages -> weights -> figures."""
