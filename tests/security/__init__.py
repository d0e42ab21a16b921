"""A package, so that its broker may be gone when its last test is (pytest ties the scope `package` to this file)."""
