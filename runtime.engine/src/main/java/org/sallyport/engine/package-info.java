/**
 * The runtime core: compiles, links, instantiates and calls modules, and catches their traps. Internal to its bundle.
 */
@NullMarked
package org.sallyport.engine;

import org.jspecify.annotations.NullMarked;
