package org.sallyport.architecture.cycle.other;

import org.sallyport.architecture.cycle.One;

/** The other half. */
public record Two(One one) {}
