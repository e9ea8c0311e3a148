/** Programs in Java that TeaVM compiles to WasmGC; they run in the JVM, too, which says what their output is. */
package org.sallyport.itests.real.teavm;
