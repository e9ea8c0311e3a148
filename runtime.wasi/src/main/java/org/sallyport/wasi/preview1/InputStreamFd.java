package org.sallyport.wasi.preview1;

import org.sallyport.wasi.fs.FileType;

/** Standard input. */
final class InputStreamFd extends Descriptor {
    private final Input input;

    InputStreamFd(Input input) {
        super(Rights.INPUT, 0, 0);
        this.input = input;
    }

    Input input() {
        return input;
    }

    @Override
    FileType type() {
        return input.isTerminal() ? FileType.CHARACTER_DEVICE : FileType.UNKNOWN;
    }
}
