// Placeholder: the module's files replace this.
