/** How plugins are, for Felix Health Checks. */
@NullMarked
package org.sallyport.health;

import org.jspecify.annotations.NullMarked;
