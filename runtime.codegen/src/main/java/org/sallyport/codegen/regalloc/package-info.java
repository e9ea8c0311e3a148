/** Register allocation on SSA: from virtual registers to machine registers, spill slots and the moves between. */
@NullMarked
package org.sallyport.codegen.regalloc;

import org.jspecify.annotations.NullMarked;
