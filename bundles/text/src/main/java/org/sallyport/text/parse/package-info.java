/** From text to binary: lexer, literals, and the module parser that emits the binary format. */
@NullMarked
package org.sallyport.text.parse;

import org.jspecify.annotations.NullMarked;
