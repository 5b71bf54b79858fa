"""The hands, one module for each step of the flow."""
