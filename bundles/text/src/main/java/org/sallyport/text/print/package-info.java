/** From binary to text. */
@NullMarked
package org.sallyport.text.print;

import org.jspecify.annotations.NullMarked;
