package org.sallyport.wasi.fs;

/** What tests need to know of error numbers. */
public final class Errnos {
    private Errnos() {}

    public static Errno ofLinux(int number) {
        return LinuxErrno.of(number);
    }
}
