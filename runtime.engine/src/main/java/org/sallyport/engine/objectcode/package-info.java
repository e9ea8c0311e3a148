/** Guests whose code is Java's: the runtime's classes for back ends of the kind {@link org.sallyport.spi.ObjectBackEnd}. */
@NullMarked
package org.sallyport.engine.objectcode;

import org.jspecify.annotations.NullMarked;
