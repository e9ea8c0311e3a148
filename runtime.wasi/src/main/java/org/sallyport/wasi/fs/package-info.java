/**
 * The sandboxed view of host directories: names are resolved component by component and never leave the directory they
 * start in.
 */
@NullMarked
package org.sallyport.wasi.fs;

import org.jspecify.annotations.NullMarked;
