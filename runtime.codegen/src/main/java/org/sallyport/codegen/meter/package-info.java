/** What a compiling thread may take of time and memory. Internal to its bundle. */
package org.sallyport.codegen.meter;
