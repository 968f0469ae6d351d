package replication
var probeLow, probeWait, probeRcv = lowMark, lowMarkWait, receiveBuffer
