/** The demo application inside of Felix. */
@NullMarked
package org.sallyport.demo.app;

import org.jspecify.annotations.NullMarked;
