/**
 * The optimizing compiler's middle: an SSA graph ({@link org.sallyport.codegen.ir.Graph}), its construction from a valid function
 * body, and the passes over it. Knows nothing of the machine; {@code org.sallyport.codegen.x64} lowers what comes out.
 */
@NullMarked
package org.sallyport.codegen.ir;

import org.jspecify.annotations.NullMarked;
