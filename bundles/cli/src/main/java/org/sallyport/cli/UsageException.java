package org.sallyport.cli;

/** The command line asks for something that makes no sense; the message is made printable. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(HostText.message(message));
    }
}
