/** Starts the demo: an embedded Felix with Sallyport's bundles. This package runs outside of the framework. */
@NullMarked
package org.sallyport.demo;

import org.jspecify.annotations.NullMarked;
