package org.sallyport.architecture.cycle;

import org.sallyport.architecture.cycle.other.Two;

/** Half of a cycle, for the test that finds cycles. */
public record One(Two two) {}
