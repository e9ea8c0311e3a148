/** When running guests are looked at, and by whom. */
@NullMarked
package org.sallyport.engine.stop;

import org.jspecify.annotations.NullMarked;
