import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { connectChannel, connectMessage, type Desktop } from './contract/desktop.ts'

// The page makes the pair of ports and gives one away: a port cannot pass the bridge itself.
window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== connectMessage) return
  ipcRenderer.postMessage(connectChannel, null, [...event.ports])
})

const desktop: Desktop = { pathOf: (file) => webUtils.getPathForFile(file) }
contextBridge.exposeInMainWorld('segscope', desktop)
