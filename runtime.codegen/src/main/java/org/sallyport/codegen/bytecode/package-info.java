/**
 * The portable back end: class files from the optimized graph. What generated classes name is public here ({@link
 * org.sallyport.codegen.bytecode.Context}, {@code Bytes}, {@code Numbers}); the package is not exported.
 */
@NullMarked
package org.sallyport.codegen.bytecode;

import org.jspecify.annotations.NullMarked;
