//! Training on small losses, whose numbers are known.
