/** A page of Felix Web Console for plugins, made on the server. */
@NullMarked
package org.sallyport.console;

import org.jspecify.annotations.NullMarked;
