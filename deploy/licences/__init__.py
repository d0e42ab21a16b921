"""The licences of what is locked: their page, and the list of parts (SBOM) that a machine reads."""
