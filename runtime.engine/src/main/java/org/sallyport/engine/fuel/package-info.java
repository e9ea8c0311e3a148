/** The fuel of stores whose engine counts it. */
@NullMarked
package org.sallyport.engine.fuel;

import org.jspecify.annotations.NullMarked;
