"""The read model: what the topics say, kept as rows. Rule: it can be made anew from the topics, and tells nobody."""
