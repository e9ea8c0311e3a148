/** Application servers as processes. */
@NullMarked
package org.sallyport.itests.servers;

import org.jspecify.annotations.NullMarked;
