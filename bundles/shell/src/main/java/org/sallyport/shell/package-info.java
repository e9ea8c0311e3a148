/** Commands of the Gogo shell. */
@NullMarked
package org.sallyport.shell;

import org.jspecify.annotations.NullMarked;
