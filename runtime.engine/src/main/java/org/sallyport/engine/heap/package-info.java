/**
 * The heap of a store's structures and arrays: where they lie, what their types are, and which of them live
 * (docs/decisions/objects.md).
 */
@NullMarked
package org.sallyport.engine.heap;

import org.jspecify.annotations.NullMarked;
