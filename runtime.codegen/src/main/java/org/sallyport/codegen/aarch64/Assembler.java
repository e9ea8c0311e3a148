package org.sallyport.codegen.aarch64;

/**
 * AArch64 encoder. What it knows is in the classes that it extends, one for each chapter: words, labels and constants; general
 * registers; memory; floats; vectors. Here is what belongs to none.
 */
final class Assembler extends VectorAssembler {
    /** A call whose target is known later. @return label of the instruction */
    int blOutside() {
        int at = here();
        word(0x94000000);
        return at;
    }

    /** A jump whose target is known later. */
    int bOutside() {
        int at = here();
        word(0x14000000);
        return at;
    }
}
