/** AArch64 under Linux. Internal to its bundle. */
package org.sallyport.codegen.aarch64;
