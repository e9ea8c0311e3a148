/**
 * The instance allocator: native memory of stores, with the managers of memories, tables, globals and guest stacks.
 * Internal.
 */
@NullMarked
package org.sallyport.store;

import org.jspecify.annotations.NullMarked;
