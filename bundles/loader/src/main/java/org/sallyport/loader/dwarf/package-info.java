/**
 * Reads DWARF 4 and 5 (dwarfstd.org) in modules, as far as source positions need it. Used by {@code BinaryLoader}. Input is
 * hostile: everything is read within bounds of its section, work is bounded by the bytes and by {@link
 * org.sallyport.loader.dwarf.DwarfException}, and what is wrong makes positions unknown, never a failure.
 *
 * <p>Addresses in WebAssembly are offsets from the start of the code section's contents (tool-conventions, Dwarf.md).
 */
package org.sallyport.loader.dwarf;
