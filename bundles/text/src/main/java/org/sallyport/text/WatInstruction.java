package org.sallyport.text;

/**
 * An instruction in the text format, flat.
 *
 * @param offset in the module's binary
 * @param depth how many blocks it lies in
 */
public record WatInstruction(int offset, int depth, String text) {}
