//! Touches the world (files, processes, cargo, git) and decides nothing.
