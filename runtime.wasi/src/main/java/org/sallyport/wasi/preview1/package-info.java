/** The functions of WASI preview 1: a table of them, and per store a process with its descriptors. */
@NullMarked
package org.sallyport.wasi.preview1;

import org.jspecify.annotations.NullMarked;
