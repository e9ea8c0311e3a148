package org.sallyport.codegen.lir;

/** What instruction selection learned of the frame that a function needs; emission lays the frame out. */
public final class FrameFacts {
    private int incoming;
    private int passedInPlace;
    private int outgoing;
    private boolean calls;
    private boolean leaves;
    private boolean helps;

    void clear() {
        incoming = 0;
        passedInPlace = 0;
        outgoing = 0;
        calls = false;
        leaves = false;
        helps = false;
    }

    /** The function is given arguments of so many bytes on the stack, and takes them off. */
    public void takes(int bytes) {
        incoming = bytes;
    }

    /** A call passes so many bytes on the stack. */
    public void passes(int bytes) {
        outgoing = Math.max(outgoing, bytes);
    }

    /** The function gives its place to one that is given so many bytes on the stack. */
    public void passesInPlace(int bytes) {
        passedInPlace = Math.max(passedInPlace, bytes);
    }

    /** The function calls something that has a frame. */
    public void callsFunctions() {
        calls = true;
    }

    /** A call may leave the instance. */
    public void leavesInstance() {
        leaves = true;
    }

    /** The function calls a helper. */
    public void callsHelpers() {
        helps = true;
    }

    /** Bytes of the arguments on the stack that the function takes off when it returns. */
    public int incoming() {
        return incoming;
    }

    /** Bytes that those who are given the function's place need on the stack besides {@link #incoming}. */
    public int extraIncoming() {
        return Math.max(0, passedInPlace - incoming);
    }

    /** Bytes of the outgoing area. */
    public int outgoing() {
        return outgoing;
    }

    /** Whether the function calls anything that has a frame. */
    public boolean calls() {
        return calls;
    }

    /** Whether a call may leave the instance, so that the context must be saved. */
    public boolean leaves() {
        return leaves;
    }

    /** Whether the function calls a helper, so that the stack below it must be free. */
    public boolean helps() {
        return helps;
    }
}
