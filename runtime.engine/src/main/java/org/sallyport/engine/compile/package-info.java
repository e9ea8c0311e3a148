/** Who compiles for an engine, and with how much time and memory. */
@NullMarked
package org.sallyport.engine.compile;

import org.jspecify.annotations.NullMarked;
