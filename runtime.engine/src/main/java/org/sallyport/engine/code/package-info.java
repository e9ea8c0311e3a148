/**
 * Where machine code lives: address space, mappings, trampolines, functions compiled at calls, and what is read from frames
 * of the guest.
 */
@NullMarked
package org.sallyport.engine.code;

import org.jspecify.annotations.NullMarked;
