// Package axis speaks to the document exchange (trục liên thông văn bản): clients of its two known faces, VXP and LGSP REST, behind
// bridge.Axis; the target that delivers records through it; and the inbox that brings packages through the door.
//
// An axis is not trusted to answer sensibly. Whatever is no whole answer in its own form (an HTML page of a proxy, JSON that ends early, a
// status of failure, an empty body) is an error with the axis' words in it, never a success. Redirects are refused, the host is that of the
// configuration, every answer and every wait has a limit, and packages are streamed: none is ever held in memory.
package axis
